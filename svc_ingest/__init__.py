"""The cables: opens cameras, forwards their compressed packets to vision, keeps the last seconds, cuts clips."""
