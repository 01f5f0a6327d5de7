import keras
import pytest

from bitjaru.reporting.layers import layers, sheet


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """The documents' IMDB model of convolution and LSTM, with every other kind of layer behind it."""
    ids = keras.Input((100,), dtype="int32")
    flow = keras.layers.Embedding(500, 32)(ids)
    flow = keras.layers.Conv1D(32, 5, padding="same")(flow)
    flow = keras.layers.MaxPooling1D(2)(flow)
    flow = keras.layers.LSTM(50, return_sequences=True)(flow)
    flow = keras.layers.Bidirectional(keras.layers.LSTM(16, return_sequences=True))(flow)
    flow = keras.layers.GRU(12, return_sequences=True)(flow)
    flow = keras.layers.GRU(12, return_sequences=True, reset_after=False)(flow)
    flow = keras.layers.SimpleRNN(8, return_sequences=True, use_bias=False)(flow)
    flow = keras.layers.BatchNormalization()(flow)
    flow = keras.layers.SimpleRNN(8)(flow)
    flow = keras.layers.Dense(25)(flow)
    return keras.Model(ids, keras.layers.Dense(1, name="answer")(flow))


def test_each_layer_tells_how_its_weights_come_about(model: keras.Model) -> None:
    derived = [layer.derived for layer in layers(model)]
    assert derived == [
        "",
        "500×32",
        "5×32×32 + 32",
        "",
        "4×((32 + 50)×50 + 50)",
        "2×(4×((50 + 16)×16 + 16))",
        "3×((32 + 12)×12 + 2×12)",
        "3×((12 + 12)×12 + 12)",
        "(12 + 8)×8",
        "2×(8 + 8)",
        "(8 + 8)×8 + 8",
        "8×25 + 25",
        "25×1 + 1",
    ]


def test_every_derivation_gives_the_number_of_weights(model: keras.Model) -> None:
    for layer in layers(model):
        value = eval(layer.derived.replace("×", "*").replace(",", "") or "0")
        assert value == layer.weights, layer.name


def test_the_documents_sizes_are_shown(model: keras.Model) -> None:
    weights = [layer.weights for layer in layers(model)]
    assert weights[1:5] == [16_000, 5_152, 0, 16_600]


def test_the_table_ends_with_the_sum(model: keras.Model) -> None:
    table = sheet(model)
    assert table.rows[-1][3] == f"{model.count_params():,}"
    assert table.notes == ["16 of them are not trained."]
    assert "| answer | Dense | B×1 | 26 | 25×1 + 1 |" in table.markdown()
    assert max(map(len, table.text(80).splitlines())) <= 80
