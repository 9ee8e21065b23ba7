"""Measurements that need more than `latchlens bench` has: real brokers, long times, many visits."""
