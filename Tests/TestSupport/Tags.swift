public import Testing

extension Tag {
    /// A single case worked out by hand.
    @Tag public static var example: Self
    /// A law that holds for many generated values; a failure prints its seed.
    @Tag public static var property: Self
    /// Input and expected output lie side by side in `Fixtures/`.
    @Tag public static var golden: Self
    /// Starts the real executables on 127.0.0.1.
    @Tag public static var whole: Self
}
