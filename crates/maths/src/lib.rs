//! Elementary and special functions, random numbers, small dense algebra: the same bits everywhere.
