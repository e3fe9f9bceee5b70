"""A Gaussian process over each user's history: kernel, posterior mean, batching."""
