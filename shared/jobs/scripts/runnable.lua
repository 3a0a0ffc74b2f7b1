-- The stages that could start now.
return runnable(ARGV[2], now_ms())
