import Testing

@testable import ReplicaKitS3

@Suite struct XMLTests {
    @Test func answersAreRead() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A>a &lt;&#x41;&#66;&amp;</A><B/><A>2</A ></R>

            """
        let document = try #require(XMLElement(document: Array(text.utf8)))
        #expect(document.name == "R")
        #expect(document.all("A").map(\.text) == ["a <AB&", "2"])
        #expect(document.text(of: "B") == "")
        #expect(document.text(of: "C") == nil)
        #expect(XMLElement(document: Array("<K>\(XMLElement.escape("<&>\r"))</K>".utf8))?.text == "<&>\r")
    }

    @Test(arguments: [
        "", "text", "<A>", "<A></B>", "<A>&evil;</A>", "<A>&#xD800;</A>", "<A></A><B></B>", "<A></A>x",
        "<!DOCTYPE A [<!ENTITY e \"x\">]><A>&e;</A>", "<A><![CDATA[x]]></A>", "<A><?x?></A>", "<>", "<A", "<A>&amp</A>",
        String(repeating: "<A>", count: 100_000),
    ])
    func everythingElseIsRefused(_ text: String) {
        #expect(XMLElement(document: Array(text.utf8)) == nil)
    }

    @Test func whatIsNoTextIsRefused() {
        #expect(XMLElement(document: [0x3C, 0x41, 0x3E, 0xFF, 0x3C, 0x2F, 0x41, 0x3E]) == nil)
    }
}
