"""What a person reads after `kgrec-gds train`."""

from typing import Any

_NAMES = {
    "default": "default (both below, trained for each other)",
    "attention_lstm": "attention-LSTM",
    "trees_default": "boosted trees",
    "biases_causal": "causal biases",
    "global_mean": "global mean",
}


def metrics(result: dict[str, Any]) -> Any:
    """A table of test errors."""
    from rich.console import Group
    from rich.table import Table

    table = Table(title=f"Test errors, protocol {result['protocol']}, {result['events']['test']} ratings")
    for column in ("model", "MSE", "RMSE", "MAE"):
        table.add_column(column, justify="left" if column == "model" else "right")
    for name, errors in result["metrics"].items():
        table.add_row(_NAMES.get(name, name), *(f"{errors[key]:.4f}" for key in ("mse", "rmse", "mae")))
    vectors = result["embeddings"] or "no"
    lines = [
        f"Model run {result['model_id']}, {vectors} vectors, {result['epochs']} epochs, in {result['folder']}"
    ]
    if result["predictions_written"] is not None:
        lines.append(f"{result['predictions_written']} predictions written.")
    return Group(table, *lines)
