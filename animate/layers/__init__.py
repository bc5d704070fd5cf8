"""The layers that a photograph is taken apart into: people, what lies behind them, and whose part is whose."""
