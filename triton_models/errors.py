"""Errors of building and checking the model repository; each message says what was found and what to do.

ModelRepositoryError        -- base of all
├─ ManifestError            -- the manifest can't be used, or names no such model
├─ BuildError               -- a model could not be built
│  ├─ DownloadError         -- a wheel or file could not be fetched
│  ├─ IntegrityError        -- a file is not, byte for byte, one that this model is built from
│  ├─ SourceMissing         -- no file for this model is at hand, and no address is known
│  ├─ LicenceNotAccepted    -- the licence is not permissive and nobody accepted it
│  ├─ ConversionError       -- the source uses something that the converter does not know
│  └─ GoldenError           -- a built model answers other than it must
"""


class ModelRepositoryError(Exception):
    """Base of every failure of building or checking."""


class ManifestError(ModelRepositoryError):
    """The manifest can't be used, or names no such model."""


class BuildError(ModelRepositoryError):
    """Base of every failure while a model is built."""


class DownloadError(BuildError):
    """A wheel or file could not be fetched."""


class IntegrityError(BuildError):
    """A file is there but is not, byte for byte, one that this model is built from."""


class SourceMissing(BuildError):
    """No file for this model is at hand, and no address for it is known."""


class LicenceNotAccepted(BuildError):
    """The licence is not permissive and nobody accepted it."""


class ConversionError(BuildError):
    """The source model uses something that the converter does not know."""


class GoldenError(BuildError):
    """A built model answers with other numbers, shapes or types than it must."""
