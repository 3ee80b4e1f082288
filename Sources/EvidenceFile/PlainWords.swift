import Events

/// Codes in plain English, as a parent or a constable would read them.
enum PlainWords {
    /// A theme of the vocabulary; an unknown one as it is written.
    static func theme(_ code: String) -> String {
        guard let theme = Theme(rawValue: code) else { return code }
        return switch theme {
        case .bullying: "Bullying"
        case .threat: "Threat"
        case .harassmentSexual: "Sexual harassment"
        case .hateRace: "Hate about race"
        case .hateReligion: "Hate about religion"
        case .hateLGBT: "Hate about sexuality or gender"
        case .hateDisability: "Hate about disability"
        case .selfHarm: "Self-harm"
        case .suicide: "Suicide"
        case .eatingDisorder: "Eating disorder"
        case .extremism: "Extremism"
        case .drugs: "Drugs"
        case .violenceWeapon: "Violence or weapons"
        case .grooming: "Grooming"
        case .exploitation: "Exploitation"
        case .adult: "Adult content"
        case .gambling: "Gambling"
        case .personalData: "Personal data"
        case .imageSharing: "Sharing of images"
        case .impersonation: "Impersonation"
        case .reputation: "Harm to a reputation"
        case .swearingOnly: "Swearing"
        case .offTask: "Off task"
        case .accountMisuse: "Misuse of an account"
        case .filterBypass: "Going round the web filter"
        case .softwareChange: "Change of software"
        case .copyright: "Copyright"
        case .illegal: "Illegal content"
        }
    }

    /// A severity in words.
    static func severity(_ number: Int) -> String {
        switch number {
        case 5: "5 of 5: act now"
        case 4: "4 of 5: same day"
        case 3: "3 of 5: this week"
        case 2: "2 of 5: watch"
        case 1: "1 of 5: for the record only"
        default: "\(number)"
        }
    }

    /// For whom a bundle is.
    static func audience(_ audience: IncidentRecord.Audience) -> String {
        switch audience {
        case .school: "the school"
        case .parent: "a parent or carer"
        case .police: "the police"
        case .la: "the local authority"
        case .sar: "the person it is about (subject access request)"
        }
    }

    /// Why something is withheld.
    static func reason(_ reason: WithheldReason) -> String {
        switch reason {
        case .otherPerson: "it concerns another person"
        case .outOfScope: "it has nothing to do with this incident"
        case .staff: "it concerns a member of staff"
        case .privileged: "the law protects it"
        case .erased: "it was erased"
        case .password: "it was typed where passwords are typed"
        }
    }

    /// `1 event`, `2 events`.
    static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
    }
}
