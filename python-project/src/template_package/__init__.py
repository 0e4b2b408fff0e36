"""An example experiment: linear regression by stochastic gradient descent."""
