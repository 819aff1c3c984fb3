"""What an operator types: one file a noun, each with a click `command`, imported when it is asked for."""
