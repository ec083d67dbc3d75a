"""Who the data protection officer of a controller is, as the controller declares it."""
