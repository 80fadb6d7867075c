f <- function() {
  ini({
    a <- c(0, 1
  model({
    d/dt(x) <- -a * x
