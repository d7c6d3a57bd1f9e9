"""Job ads with a pay range: in the booths and on a page of their own."""
