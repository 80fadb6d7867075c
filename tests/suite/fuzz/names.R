ini({ k <- 0.1 })
model({
  d/dt(a) <- -k * a
  linCmt() ~ prop(s)
  a <- a + 1
  if (a > 1) { a <- 2 } else if (t > tad()) k <- k
  cp ~ pois(a) | b | c
})
