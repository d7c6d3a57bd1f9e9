"""An applicant's details: left at a booth, forwarded to the employer, withdrawn when the applicant wants."""
