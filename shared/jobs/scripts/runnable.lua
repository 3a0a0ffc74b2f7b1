-- The stages that could start now, each with its rank: {{stage, rank}...}.
return ranked(ARGV[2], now_ms())
