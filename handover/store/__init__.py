"""Facts: the tables, the engines that hold them, and one file of queries a noun."""
