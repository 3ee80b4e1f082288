/// Invented people and places.
enum Names {
    static let school = "Fernhill Park School"

    static let first = words(
        """
        Amelia Ayaan Beatrix Callum Chidi Daisy Declan Ebony Elodie Ewan Farah Finley Freya Gethin \
        Harriet Hamza Idris Imogen Isla Jaden Jasmin Joel Kacper Keira Kofi Lara Leon Lottie Maisie \
        Malik Marcus Mei Millie Mohsin Nadia Nathan Niamh Nikhil Olek Orla Oscar Paige Priya Quinn \
        Rafael Rhys Rosie Ruby Samir Sana Sienna Sofia Tariq Tegan Theo Tilly Tomasz Usman Violet \
        Wiktor Xanthe Yasmin Yusuf Zac Zofia
        """)

    static let last = words(
        """
        Abbot Adeyemi Ashworth Bainbridge Banerjee Barlow Bielak Blackwood Brennan Calder Chaudhry \
        Chilcott Cobb Crossley Dabrowski Dalby Denholm Eaves Eccles Fairhurst Farooq Fenwick Gill \
        Goddard Haldane Hargreaves Hassan Hollis Iqbal Jessop Kaur Kendrick Kirkbride Lathom Lisle \
        Lomax Mahmood Marsden Mensah Moxon Nandra Nettleton Nowak Obi Okafor Osgood Pemberton Pickles \
        Quayle Rahman Ridley Rigby Sadler Sandhu Scaife Shaw Sidhu Tranter Uddin Varley Wadsworth \
        Wardle Whitlock Yeoman Zielinski
        """)

    static let staff = words(
        "Ashdown Bexley Carraway Drummond Ellwood Frobisher Garside Heywood Inchbald Jarrow Kellet")
    static let titles = ["Mr", "Mrs", "Miss", "Ms", "Dr"]
}

/// A text cut at white space.
func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

/// A text cut at bars, for phrases that hold spaces.
func phrases(_ text: String) -> [String] { text.split(separator: "|").map(String.init) }
