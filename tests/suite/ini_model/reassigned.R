reassigned <- function() {
  description <- "Clearance assigned again before linCmt() looks for it"
  ini({
    lcl <- log(5)
    lv <- log(30)
    eta.cl ~ 0.09
    s <- 0.1
  })
  model({
    cl <- exp(lcl + eta.cl)
    v <- exp(lv)
    cl <- cl * (WT / 70)^0.75
    if (AGE < 1) {
      cl <- cl / 2
    }
    cp <- linCmt()
    cl <- cl * 1000
    leaving <- cl * cp
    cp ~ prop(s)
  })
}
