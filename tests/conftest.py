"""How properties are tested: `ci` is the same on every run, `soak` looks at others each time."""

import os

from hypothesis import HealthCheck, Phase, settings

_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "ci", derandomize=True, deadline=None, suppress_health_check=_SLOW, print_blob=True
)
settings.register_profile(
    "soak",
    derandomize=False,
    deadline=None,
    suppress_health_check=_SLOW,
    print_blob=True,
)
settings.register_profile(
    # For whoever looks for more: what fails is shown as it was found, at once.
    "probe",
    settings.get_profile("soak"),
    max_examples=400,
    phases=[Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
