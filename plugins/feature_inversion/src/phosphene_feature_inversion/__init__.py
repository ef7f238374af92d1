"""Feature inversion (Mahendran and Vedaldi 2015)."""

from phosphene_feature_inversion.feature_inversion import FeatureInversion

__all__ = ["FeatureInversion"]
