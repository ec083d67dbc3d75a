"""What the pages of all notices share: letters, slips, evidence of receipt."""
