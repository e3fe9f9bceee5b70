from kgrec_gds.evaluation.harness import EvaluateSettings, planned

MODELS = ("global_mean", "attention_lstm", "attention_lstm:no_lstm")


def seeds(settings: EvaluateSettings) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for protocol, seed, model in planned(settings):
        found.setdefault((protocol, model), []).append(seed)
    return found


def test_a_model_without_chance_runs_once_and_others_with_every_seed():
    assert seeds(EvaluateSettings(models=MODELS, seeds=2)) == {
        ("global", "global_mean"): [0],
        ("global", "attention_lstm"): [0, 1],
        ("global", "attention_lstm:no_lstm"): [0, 1],
    }


def test_ablations_can_have_fewer_seeds_but_not_more():
    fewer = seeds(EvaluateSettings(models=MODELS, seeds=3, ablation_seeds=1))
    assert fewer["global", "attention_lstm:no_lstm"] == [0]
    assert fewer["global", "attention_lstm"] == [0, 1, 2]
    more = seeds(EvaluateSettings(models=MODELS, seeds=1, ablation_seeds=3))
    assert more["global", "attention_lstm:no_lstm"] == [0]


def test_ablations_can_be_kept_to_some_protocols():
    found = seeds(EvaluateSettings(("global", "per-user"), MODELS, seeds=2, ablation_protocols=("per-user",)))
    assert found["per-user", "attention_lstm:no_lstm"] == [0, 1]
    assert ("global", "attention_lstm:no_lstm") not in found
    assert ("global", "attention_lstm") in found


def test_the_published_network_has_no_ablations():
    assert ("paper", "attention_lstm:no_lstm") not in seeds(
        EvaluateSettings(models=MODELS, protocols=("paper",))
    )
