"""An applicant at a booth's form, as in the tests of leads."""

from tests.leads.conftest import applicant, make_applicant

__all__ = ["applicant", "make_applicant"]
