function( ) { { { } ini({}) model({}) x <- list(list(list( )
