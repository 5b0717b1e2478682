module perdure

go 1.26.8
