"""Files of any kind: formats, encodings, archives, the cache (文件格式)."""
