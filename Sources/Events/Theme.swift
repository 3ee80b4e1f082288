/// What a finding is about (`events.md`, section Themes).
public enum Theme: String, CaseIterable, Sendable, Codable {
    case bullying
    case threat
    case harassmentSexual = "harassment-sexual"
    case hateRace = "hate-race"
    case hateReligion = "hate-religion"
    case hateLGBT = "hate-lgbt"
    case hateDisability = "hate-disability"
    case selfHarm = "self-harm"
    case suicide
    case eatingDisorder = "eating-disorder"
    case extremism
    case drugs
    case violenceWeapon = "violence-weapon"
    case grooming
    case exploitation
    case adult
    case gambling
    case personalData = "personal-data"
    case imageSharing = "image-sharing"
    case impersonation
    case reputation
    case swearingOnly = "swearing-only"
    case offTask = "off-task"
    case accountMisuse = "account-misuse"
    case filterBypass = "filter-bypass"
    case softwareChange = "software-change"
    case copyright
    case illegal

    /// The four Cs of KCSIE (K1, P40).
    public enum Risk: String, Sendable, Codable { case content, contact, conduct, commerce }

    /// The school procedure that takes over (P46).
    public enum Procedure: String, Sendable, Codable {
        case antiBullying = "anti-bullying"
        case safeguarding
        case behaviour
        case staffConduct = "staff-conduct"
        case informationTechnology = "IT"
    }

    /// Which of the four Cs the theme belongs to.
    public var risk: Risk {
        switch self {
        case .selfHarm, .suicide, .eatingDisorder, .extremism, .adult, .drugs, .illegal,
            .violenceWeapon:
            .content
        case .grooming, .exploitation: .contact
        case .gambling, .copyright: .commerce
        default: .conduct
        }
    }

    /// The procedure an incident of this theme is referred to.
    public var procedure: Procedure {
        switch self {
        case .bullying, .reputation, .impersonation: .antiBullying
        case .harassmentSexual, .hateRace, .hateReligion, .hateLGBT, .hateDisability: .antiBullying
        case .threat, .selfHarm, .suicide, .eatingDisorder, .extremism, .drugs, .violenceWeapon,
            .grooming, .exploitation, .imageSharing, .personalData, .adult, .illegal:
            .safeguarding
        case .swearingOnly, .offTask, .gambling, .copyright: .behaviour
        case .accountMisuse, .filterBypass, .softwareChange: .informationTechnology
        }
    }
}

/// How soon a person must look, 5 at once to 1 for the record only (`events.md`, section Severity).
public enum Severity: Int, CaseIterable, Comparable, Sendable, Codable {
    case recordOnly = 1
    case watch = 2
    case thisWeek = 3
    case sameDay = 4
    case actNow = 5

    /// Orders by urgency.
    public static func < (left: Severity, right: Severity) -> Bool {
        left.rawValue < right.rawValue
    }
}
