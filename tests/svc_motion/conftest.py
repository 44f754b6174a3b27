from hypothesis import settings

settings.register_profile("thorough", deadline=None)
