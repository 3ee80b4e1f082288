import ArgumentParser
import Collector
import Storage

/// `seal`: turns the journal into segments now.
struct SealCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal", abstract: "Turn the journal into sealed segments now.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await ExitStatus.reporting {
            Terminal.say(try await StoreAccess.run(.seal, in: data.directory).text)
        }
    }
}
