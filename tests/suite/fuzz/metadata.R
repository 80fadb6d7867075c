m <- function() {
  units <- list(time = "
  description <- c(
})
model({ x <- 1 })
