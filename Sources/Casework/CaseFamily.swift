public import Events

/// Themes that belong together in one incident, because the same person deals with them as one story.
public enum CaseFamily: String, CaseIterable, Sendable {
    /// What is done to somebody: bullying, threats, harassment, hate, and talk of the means.
    case conduct
    /// What a student may do to themselves.
    case wellbeing
    /// What somebody outside may want from a student, and what a student gives away.
    case contact
    /// Extremism, which has its own referral (Channel).
    case extremism
    /// Drugs and other substances.
    case substances
    /// Sexual content that is not itself unlawful.
    case adult
    /// Unlawful content: never mixed with anything else, never switched off (U1, U29).
    case illegal
    /// Use of the machines and accounts themselves.
    case informationTechnology = "IT"
    /// Everything that is a matter of behaviour in the room.
    case behaviour

    /// Whether coming back on several days makes it more urgent (`detection.md` section 4).
    ///
    /// A second proxy site or a second game is no more urgent than the first.
    public var risesWhenRepeated: Bool {
        switch self {
        case .conduct, .wellbeing, .contact, .extremism: true
        case .substances, .adult, .illegal, .informationTechnology, .behaviour: false
        }
    }
}

extension Theme {
    /// The family in which findings of this theme are grouped.
    public var family: CaseFamily {
        switch self {
        case .bullying, .threat, .harassmentSexual, .hateRace, .hateReligion, .hateLGBT,
            .hateDisability, .violenceWeapon, .reputation, .impersonation:
            .conduct
        case .selfHarm, .suicide, .eatingDisorder: .wellbeing
        case .grooming, .exploitation, .imageSharing, .personalData: .contact
        case .extremism: .extremism
        case .drugs: .substances
        case .adult: .adult
        case .illegal: .illegal
        case .accountMisuse, .filterBypass, .softwareChange: .informationTechnology
        case .swearingOnly, .offTask, .gambling, .copyright: .behaviour
        }
    }

    /// The theme in plain English, in lower case, as it stands in a sentence after "possible".
    public var plainName: String {
        switch self {
        case .bullying: "bullying"
        case .threat: "threat"
        case .harassmentSexual: "sexual harassment"
        case .hateRace: "racist abuse"
        case .hateReligion: "abuse about religion"
        case .hateLGBT: "homophobic, biphobic or transphobic abuse"
        case .hateDisability: "abuse about disability"
        case .selfHarm: "self-harm"
        case .suicide: "suicidal thoughts"
        case .eatingDisorder: "eating disorder"
        case .extremism: "extremism"
        case .drugs: "drugs"
        case .violenceWeapon: "violence or a weapon"
        case .grooming: "grooming"
        case .exploitation: "exploitation or abuse"
        case .adult: "sexual content"
        case .gambling: "gambling"
        case .personalData: "personal information given away"
        case .imageSharing: "sharing of images"
        case .impersonation: "impersonation"
        case .reputation: "abuse of staff or the school"
        case .swearingOnly: "swearing"
        case .offTask: "off-task use"
        case .accountMisuse: "use of another account"
        case .filterBypass: "bypass of the filter"
        case .softwareChange: "change of software"
        case .copyright: "breach of copyright"
        case .illegal: "illegal content"
        }
    }
}
