package kgrec.kge;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.nio.file.Path;

/**
 * Matrix products by the OpenBLAS library that the system property `kgrec.blas` names, such as the one in numpy's wheel;
 * several times faster than a loop compiled by the JIT. Needs Java 22; {@link #available} is false without either.
 */
final class Blas {
    static final String PROPERTY = "kgrec.blas";
    private static final int ROW_MAJOR = 101;
    private static final int AS_IS = 111;
    private static final int TRANSPOSED = 112;
    /** The builds that numpy uses prefix the functions; the suffix `64_` marks builds with 64-bit sizes. */
    private static final String[] PREFIXES = {"scipy_", ""};
    private static final String[] SUFFIXES = {"64_", ""};
    /** sgemm with sizes as int and matrices as MemorySegment; null if not available. */
    private static final MethodHandle SGEMM = find();

    private Blas() {}

    static boolean available() {
        return SGEMM != null;
    }

    /**
     * out = a * b, all in row-major order.
     *
     * @param inner columns of a (rows, where transposed), rows of b (columns, where transposed)
     */
    static void multiply(float[] a, boolean transposeA, float[] b, boolean transposeB, float[] out, int rows, int columns,
            int inner) {
        try {
            SGEMM.invokeExact(ROW_MAJOR, transposeA ? TRANSPOSED : AS_IS, transposeB ? TRANSPOSED : AS_IS, rows, columns,
                inner, 1f, MemorySegment.ofArray(a), transposeA ? rows : inner, MemorySegment.ofArray(b),
                transposeB ? inner : columns, 0f, MemorySegment.ofArray(out), columns);
        } catch (Throwable error) {
            throw new IllegalStateException("Calling OpenBLAS's sgemm failed.", error);
        }
    }

    private static MethodHandle find() {
        String file = System.getProperty(PROPERTY, "");
        if (file.isEmpty()) {
            return null;
        }
        try {
            return find(SymbolLookup.libraryLookup(Path.of(file), Arena.global()));
        } catch (RuntimeException | LinkageError unusable) {
            // Not a library, native access denied, or a Java without this interface: LoopPairs computes the same.
            return null;
        }
    }

    private static MethodHandle find(SymbolLookup library) {
        for (String prefix : PREFIXES) {
            for (String suffix : SUFFIXES) {
                var product = library.find(prefix + "cblas_sgemm" + suffix);
                var threads = library.find(prefix + "openblas_set_num_threads" + suffix);
                if (product.isPresent() && threads.isPresent()) {
                    useOneThread(threads.get());
                    return sgemm(product.get(), suffix.isEmpty() ? JAVA_INT : JAVA_LONG);
                }
            }
        }
        return null;
    }

    /** The training threads already use all processors. */
    private static void useOneThread(MemorySegment threads) {
        try {
            Linker.nativeLinker().downcallHandle(threads, FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(1);
        } catch (Throwable error) {
            throw new LinkageError("Setting OpenBLAS's number of threads failed.", error);
        }
    }

    private static MethodHandle sgemm(MemorySegment function, MemoryLayout size) {
        FunctionDescriptor descriptor = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_INT, size, size, size,
            JAVA_FLOAT, ADDRESS, size, ADDRESS, size, JAVA_FLOAT, ADDRESS, size);
        // Critical: the arrays are read in place on Java's heap. A product takes some microseconds.
        MethodHandle handle = Linker.nativeLinker().downcallHandle(function, descriptor, Linker.Option.critical(true));
        return handle.asType(MethodType.methodType(void.class, int.class, int.class, int.class, int.class, int.class,
            int.class, float.class, MemorySegment.class, int.class, MemorySegment.class, int.class, float.class,
            MemorySegment.class, int.class));
    }
}
