"""Missing links, and links whose loss costs most (缺失连接与韧性)."""
