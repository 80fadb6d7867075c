ini({
  lka <- log(0.9)
  lcl <- log(4)
  lvc <- log(25)
  lq <- log(2)
  lvp <- log(50)
  fdepot <- 0.7
  eta.cl + eta.vc + eta.ka ~ c(0.09,
                               0.02, 0.05,
                               0.01, 0.005, 0.2)
  exp.sd <- 0.2
})
model({
  ka <- exp(lka + eta.ka)
  cl <- exp(lcl + eta.cl) * (WT / 70)^0.75
  vc <- exp(lvc + eta.vc) * (WT / 70)
  q <- exp(lq) * (WT / 70)^0.75
  vp <- exp(lvp) * (WT / 70)
  f(depot) <- fdepot
  linCmt() ~ lnorm(exp.sd)
})
