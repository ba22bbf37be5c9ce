//! Compiles the C part, and says how the library is linked.

fn main() {
    println!("cargo:rerun-if-changed=src/ffi/shim.c");
    for name in ["CC", "CFLAGS"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    cc::Build::new()
        .file("src/ffi/shim.c")
        .std("c99")
        // An exception that a program's log emitter throws passes through.
        .flag("-fexceptions")
        .flag("-fvisibility=hidden")
        .warnings(true)
        .extra_warnings(true)
        .flag("-Wpedantic")
        .warnings_into_errors(true)
        // The line below links it, with all its symbols.
        .cargo_metadata(false)
        .compile("broadside_shim");
    println!(
        "cargo:rustc-link-search=native={}",
        std::env::var("OUT_DIR").expect("cargo sets OUT_DIR")
    );
    println!("cargo:rustc-link-lib=static:+whole-archive,+export-symbols=broadside_shim");

    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libwebsockets.so.19");
    // A resolver thread may be inside the library when a program unloads it.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
