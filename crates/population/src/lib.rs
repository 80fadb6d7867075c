//! Subjects, regimens, covariates, random effects; simulation of many.
