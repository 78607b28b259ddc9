"""The command `campaigner`: one command a file, one report format a file."""
