import Foundation
import TestSupport
import Testing

@testable import Collector

@Suite struct JSONWriterTests {
    @Test func `members, elements and nesting have their commas`() {
        var json = JSONWriter()
        json.object { json in
            json.member("a", 1)
            json.member("b", "x")
            json.member("left out", nil as String?)
            json.array("c") { json in
                json.element(1)
                json.element("y")
                json.object { $0.member("d", true) }
                json.object { _ in }
            }
            json.null("e")
            json.member("f", json: Array("[0]".utf8))
        }
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"a":1,"b":"x","c":[1,"y",{"d":true},{}],"e":null,"f":[0]}"#)
    }

    @Test func `any text comes back from Foundation's parser as it was`() throws {
        try forAll(
            { random in
                String(
                    String.UnicodeScalarView(
                        (0..<random.int(in: 0...30)).compactMap { _ in
                            Unicode.Scalar(
                                UInt32(
                                    random.int(
                                        in: 0...(random.int(in: 0...3) == 0 ? 0x10FFFF : 0x90))))
                        }))
            },
            check: { text in
                var json = JSONWriter()
                json.object { $0.member("t", text) }
                let read =
                    try JSONSerialization.jsonObject(with: Data(json.bytes)) as? [String: String]
                #expect(read?["t"]?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
            })
    }
}
