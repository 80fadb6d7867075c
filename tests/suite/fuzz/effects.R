ini({
  a + b + c ~ c(1, 2)
  d ~ c(-1)
  e ~ fix(c(0.1, 0.9, 0.1))
  f <- c(5, 1, 2)
})
model({
  d/dt(x) <- -f * exp(a + d) * x
})
