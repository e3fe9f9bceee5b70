package kgrec.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.neo4j.configuration.Config;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.kernel.internal.GraphDatabaseAPI;

/**
 * The native library of ONNX Runtime. It would unpack itself into a new temporary folder at every start and leave it behind
 * when the server is killed; here it is unpacked once, into the server's own folder.
 */
final class OnnxLibrary {
    private static final String PROPERTY = "onnxruntime.native.path";
    private static final List<String> NAMES = List.of("onnxruntime", "onnxruntime4j_jni");
    /** Where the classes of ONNX Runtime look for their libraries in the jar. */
    private static final String ROOT = "/ai/onnxruntime/native/";

    private OnnxLibrary() {}

    /** Unpacks the library, if nobody has named a folder with it. What cannot be written is left to ONNX Runtime. */
    static synchronized void unpack(GraphDatabaseService database) {
        if (System.getProperty(PROPERTY) != null) {
            return;
        }
        Path home = ((GraphDatabaseAPI) database).getDependencyResolver().resolveDependency(Config.class)
            .get(GraphDatabaseSettings.neo4j_home);
        try {
            String version = ai.onnxruntime.OrtEnvironment.class.getPackage().getImplementationVersion();
            Path folder = home.resolve("native").resolve("onnxruntime-" + version);
            Files.createDirectories(folder);
            for (String name : NAMES) {
                unpack(System.mapLibraryName(name), folder);
            }
            System.setProperty(PROPERTY, folder.toString());
        } catch (IOException | SecurityException notWritable) {
            // A read-only server folder: the temporary folder serves as well.
        }
    }

    private static void unpack(String file, Path folder) throws IOException {
        try (InputStream content = OnnxLibrary.class.getResourceAsStream(ROOT + platform() + "/" + file)) {
            if (content == null) {
                throw new IOException("no " + file);
            }
            Path target = folder.resolve(file);
            if (Files.exists(target)) {
                return;
            }
            // Renamed when complete: two servers may share the folder.
            Path partial = folder.resolve(file + "." + UUID.randomUUID());
            Files.copy(content, partial);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String name = system.contains("win") && !system.contains("darwin") ? "win" : system.contains("mac") ? "osx" : "linux";
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return name + (machine.equals("aarch64") || machine.equals("arm64") ? "-aarch64" : "-x64");
    }
}
