"""The papers, a module for each family: from a snapshot to blocks of text in a language."""
