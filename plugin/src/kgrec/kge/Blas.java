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
 * Matrix products by the OpenBLAS that the system property `kgrec.blas` names, such as the one that numpy brings: several
 * times faster than what the JIT makes of a loop. Java 22 or newer; without either, {@link #available} says no.
 */
final class Blas {
    static final String PROPERTY = "kgrec.blas";
    private static final int ROW_MAJOR = 101;
    private static final int AS_IS = 111;
    private static final int TRANSPOSED = 112;
    /** scipy's builds, which numpy uses, rename the functions; `64_` is of those that take 64-bit sizes. */
    private static final String[] PREFIXES = {"scipy_", ""};
    private static final String[] SUFFIXES = {"64_", ""};
    /** sgemm with sizes as int and matrices as MemorySegment; null where there is none. */
    private static final MethodHandle SGEMM = find();

    private Blas() {}

    static boolean available() {
        return SGEMM != null;
    }

    /**
     * out = a * b, all row by row.
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
            throw new IllegalStateException("OpenBLAS's sgemm could not be called.", error);
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
            // No library, no leave to call it, or a Java that has not got this interface yet: the loops do the same.
            return null;
        }
    }

    private static MethodHandle find(SymbolLookup library) {
        for (String prefix : PREFIXES) {
            for (String suffix : SUFFIXES) {
                var product = library.find(prefix + "cblas_sgemm" + suffix);
                var threads = library.find(prefix + "openblas_set_num_threads" + suffix);
                if (product.isPresent() && threads.isPresent()) {
                    single(threads.get());
                    return sgemm(product.get(), suffix.isEmpty() ? JAVA_INT : JAVA_LONG);
                }
            }
        }
        return null;
    }

    /** Our own threads are on all processors already. */
    private static void single(MemorySegment threads) {
        try {
            Linker.nativeLinker().downcallHandle(threads, FunctionDescriptor.ofVoid(JAVA_INT)).invokeExact(1);
        } catch (Throwable error) {
            throw new LinkageError("OpenBLAS's number of threads could not be set.", error);
        }
    }

    private static MethodHandle sgemm(MemorySegment function, MemoryLayout size) {
        FunctionDescriptor descriptor = FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, JAVA_INT, size, size, size,
            JAVA_FLOAT, ADDRESS, size, ADDRESS, size, JAVA_FLOAT, ADDRESS, size);
        // Critical: the arrays are read where they are, on Java's heap. A block's product takes some microseconds.
        MethodHandle handle = Linker.nativeLinker().downcallHandle(function, descriptor, Linker.Option.critical(true));
        return handle.asType(MethodType.methodType(void.class, int.class, int.class, int.class, int.class, int.class,
            int.class, float.class, MemorySegment.class, int.class, MemorySegment.class, int.class, float.class,
            MemorySegment.class, int.class));
    }
}
