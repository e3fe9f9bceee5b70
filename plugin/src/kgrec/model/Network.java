package kgrec.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The two graphs of the attention-LSTM in ONNX Runtime, one thread each call; see Python's `onnx_export.py`. */
final class Network implements AutoCloseable {
    private static final OrtEnvironment ENVIRONMENT =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "kgrec");

    private final OrtSession encoder;
    private final OrtSession scorer;
    private final float[] firstState;
    final int itemSize;
    final int features;
    private final int keySize;
    private final int valueSize;

    /** A history: one step a row of `keys` and `values`, and the recurrent state after the last. */
    record Encoded(float[] keys, float[] values, float[] state, int steps) {}

    /** What the network says of some candidates: residuals, and a row of attention weights for each. */
    record Scored(float[] residual, float[][] weights) {}

    Network(NamedArrays arrays) {
        itemSize = arrays.width("items");
        firstState = arrays.floats("first_state");
        features = arrays.texts("columns").length;
        OrtSession opened = null;
        try {
            opened = session(arrays.bytes("encoder"));
            encoder = opened;
            scorer = session(arrays.bytes("scorer"));
        } catch (OrtException error) {
            close(opened);
            throw new IllegalArgumentException("Malformed network: ONNX Runtime cannot load it (" + firstLine(error) + ").");
        }
        try {
            keySize = width(encoder, "keys", false);
            valueSize = width(encoder, "values", false);
            boolean fits = width(encoder, "items", true) == itemSize && width(scorer, "items", true) == itemSize
                && width(scorer, "keys", true) == keySize && width(scorer, "features", true) == features
                && (!scorer.getInputNames().contains("values") || width(scorer, "values", true) == valueSize)
                && (!scorer.getInputNames().contains("state") || width(scorer, "state", true) == firstState.length)
                && scorer.getOutputNames().containsAll(Set.of("residual", "weights"));
            NamedArrays.require(fits, "encoder, scorer and movies do not fit each other");
        } catch (OrtException | RuntimeException error) {
            close();
            throw error instanceof RuntimeException known ? known
                : new IllegalArgumentException("Malformed network: " + firstLine(error) + ".");
        }
    }

    private static OrtSession session(byte[] graph) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            // Memory of large calls goes back to the system.
            options.setCPUArenaAllocator(false);
            return ENVIRONMENT.createSession(graph, options);
        }
    }

    private static int width(OrtSession session, String name, boolean input) throws OrtException {
        var node = (input ? session.getInputInfo() : session.getOutputInfo()).get(name);
        NamedArrays.require(node != null && node.getInfo() instanceof TensorInfo, "a graph lacks `" + name + "`");
        long[] shape = ((TensorInfo) node.getInfo()).getShape();
        NamedArrays.require(shape.length > 0 && shape[shape.length - 1] > 0 && shape[shape.length - 1] <= 1 << 20,
            "`" + name + "` has no width");
        return (int) shape[shape.length - 1];
    }

    /**
     * Encodes steps.
     *
     * @param items a row of `itemSize` for each step
     */
    Encoded encode(float[] items, float[] residual, float[] rating, float[] logGap) {
        int steps = residual.length;
        if (steps == 0) {
            return new Encoded(new float[keySize], new float[valueSize], firstState, 0);
        }
        Map<String, float[]> inputs = Map.of("items", items, "residual", residual, "rating", rating, "log_gap", logGap);
        try (Inputs given = new Inputs(encoder)) {
            for (Map.Entry<String, float[]> input : inputs.entrySet()) {
                given.put(input.getKey(), input.getValue(), steps, input.getValue().length / steps);
            }
            try (OrtSession.Result result = encoder.run(given.tensors)) {
                float[] state = result.get("state").isPresent() ? values(result, "state", firstState.length) : firstState;
                return new Encoded(values(result, "keys", steps * keySize), values(result, "values", steps * valueSize), state,
                    steps);
            }
        } catch (OrtException error) {
            throw failed(error);
        }
    }

    /**
     * Scores candidates after an encoded history.
     *
     * @param items a row of `itemSize` for each candidate
     * @param columns a row of features for each candidate
     * @param hours from each of the last `hours.length` steps to the query; only these are attended to
     */
    Scored score(Encoded encoded, float[] items, float[] columns, float[] hours) {
        int candidates = columns.length / features;
        int attended = hours.length;
        int rows = Math.max(attended, 1); // without a history, one step that is not seen
        float[] back = new float[rows];
        float[] seen = new float[rows];
        for (int i = 0; i < attended; i++) {
            back[i] = attended - i;
            seen[i] = 1;
        }
        try (Inputs given = new Inputs(scorer)) {
            given.put("items", items, candidates, itemSize);
            given.put("features", columns, candidates, features);
            given.put("state", encoded.state, 1, firstState.length);
            given.put("keys", lastRows(encoded.keys, keySize, rows), rows, keySize);
            given.put("values", lastRows(encoded.values, valueSize, rows), rows, valueSize);
            given.put("back", back, rows);
            given.put("hours", attended == 0 ? new float[1] : hours, rows);
            given.put("seen", seen, rows);
            try (OrtSession.Result result = scorer.run(given.tensors)) {
                float[] flat = values(result, "weights", candidates * rows);
                float[][] weights = new float[candidates][];
                for (int i = 0; i < candidates; i++) {
                    weights[i] = java.util.Arrays.copyOfRange(flat, i * rows, i * rows + attended);
                }
                return new Scored(values(result, "residual", candidates), weights);
            }
        } catch (OrtException error) {
            throw failed(error);
        }
    }

    private static float[] lastRows(float[] table, int width, int rows) {
        return java.util.Arrays.copyOfRange(table, table.length - rows * width, table.length);
    }

    private static float[] values(OrtSession.Result result, String name, int length) {
        FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
        NamedArrays.require(buffer != null && buffer.remaining() == length, "`" + name + "` has another size than it should");
        float[] values = new float[length];
        buffer.get(values);
        return values;
    }

    private static IllegalStateException failed(OrtException error) {
        return new IllegalStateException("The network cannot be evaluated: " + firstLine(error) + ".");
    }

    private static String firstLine(Exception error) {
        String text = String.valueOf(error.getMessage()).lines().findFirst().orElse("unknown");
        return text.substring(0, Math.min(text.length(), 200));
    }

    @Override
    public void close() {
        close(encoder);
        close(scorer);
    }

    private static void close(OrtSession session) {
        if (session != null) {
            try {
                session.close();
            } catch (OrtException error) {
                throw new IllegalStateException(error);
            }
        }
    }

    /** Tensors of one call; those that the graph does not read are left out. */
    private static final class Inputs implements AutoCloseable {
        final Map<String, OnnxTensor> tensors = new HashMap<>();
        private final Set<String> wanted;

        Inputs(OrtSession session) {
            wanted = session.getInputNames();
        }

        void put(String name, float[] values, long... shape) throws OrtException {
            if (wanted.contains(name)) {
                tensors.put(name, OnnxTensor.createTensor(ENVIRONMENT, FloatBuffer.wrap(values), shape));
            }
        }

        @Override
        public void close() {
            tensors.values().forEach(OnnxTensor::close);
        }
    }
}
