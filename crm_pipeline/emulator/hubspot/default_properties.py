"""The properties that a new portal has, as far as they matter to a customer sync (a real one has about 400)."""

from __future__ import annotations

from typing import Any

_INDUSTRIES = """
ACCOUNTING AIRLINES_AVIATION ALTERNATIVE_DISPUTE_RESOLUTION ALTERNATIVE_MEDICINE ANIMATION APPAREL_FASHION
ARCHITECTURE_PLANNING ARTS_AND_CRAFTS AUTOMOTIVE AVIATION_AEROSPACE BANKING BIOTECHNOLOGY BROADCAST_MEDIA
BUILDING_MATERIALS BUSINESS_SUPPLIES_AND_EQUIPMENT CAPITAL_MARKETS CHEMICALS CIVIC_SOCIAL_ORGANIZATION
CIVIL_ENGINEERING COMMERCIAL_REAL_ESTATE COMPUTER_NETWORK_SECURITY COMPUTER_GAMES COMPUTER_HARDWARE
COMPUTER_NETWORKING COMPUTER_SOFTWARE INTERNET CONSTRUCTION CONSUMER_ELECTRONICS CONSUMER_GOODS CONSUMER_SERVICES
COSMETICS DAIRY DEFENSE_SPACE DESIGN EDUCATION_MANAGEMENT E_LEARNING ELECTRICAL_ELECTRONIC_MANUFACTURING
ENTERTAINMENT ENVIRONMENTAL_SERVICES EVENTS_SERVICES EXECUTIVE_OFFICE FACILITIES_SERVICES FARMING FINANCIAL_SERVICES
FINE_ART FISHERY FOOD_BEVERAGES FOOD_PRODUCTION FUND_RAISING FURNITURE GAMBLING_CASINOS GLASS_CERAMICS_CONCRETE
GOVERNMENT_ADMINISTRATION GOVERNMENT_RELATIONS GRAPHIC_DESIGN HEALTH_WELLNESS_AND_FITNESS HIGHER_EDUCATION
HOSPITAL_HEALTH_CARE HOSPITALITY HUMAN_RESOURCES IMPORT_AND_EXPORT INDIVIDUAL_FAMILY_SERVICES INDUSTRIAL_AUTOMATION
INFORMATION_SERVICES INFORMATION_TECHNOLOGY_AND_SERVICES INSURANCE INTERNATIONAL_AFFAIRS
INTERNATIONAL_TRADE_AND_DEVELOPMENT INVESTMENT_BANKING INVESTMENT_MANAGEMENT JUDICIARY LAW_ENFORCEMENT LAW_PRACTICE
LEGAL_SERVICES LEGISLATIVE_OFFICE LEISURE_TRAVEL_TOURISM LIBRARIES LOGISTICS_AND_SUPPLY_CHAIN LUXURY_GOODS_JEWELRY
MACHINERY MANAGEMENT_CONSULTING MARITIME MARKET_RESEARCH MARKETING_AND_ADVERTISING
MECHANICAL_OR_INDUSTRIAL_ENGINEERING MEDIA_PRODUCTION MEDICAL_DEVICES MEDICAL_PRACTICE MENTAL_HEALTH_CARE MILITARY
MINING_METALS MOTION_PICTURES_AND_FILM MUSEUMS_AND_INSTITUTIONS MUSIC NANOTECHNOLOGY NEWSPAPERS
NON_PROFIT_ORGANIZATION_MANAGEMENT OIL_ENERGY ONLINE_MEDIA OUTSOURCING_OFFSHORING PACKAGE_FREIGHT_DELIVERY
PACKAGING_AND_CONTAINERS PAPER_FOREST_PRODUCTS PERFORMING_ARTS PHARMACEUTICALS PHILANTHROPY PHOTOGRAPHY PLASTICS
POLITICAL_ORGANIZATION PRIMARY_SECONDARY_EDUCATION PRINTING PROFESSIONAL_TRAINING_COACHING PROGRAM_DEVELOPMENT
PUBLIC_POLICY PUBLIC_RELATIONS_AND_COMMUNICATIONS PUBLIC_SAFETY PUBLISHING RAILROAD_MANUFACTURE RANCHING REAL_ESTATE
RECREATIONAL_FACILITIES_AND_SERVICES RELIGIOUS_INSTITUTIONS RENEWABLES_ENVIRONMENT RESEARCH RESTAURANTS RETAIL
SECURITY_AND_INVESTIGATIONS SEMICONDUCTORS SHIPBUILDING SPORTING_GOODS SPORTS STAFFING_AND_RECRUITING SUPERMARKETS
TELECOMMUNICATIONS TEXTILES THINK_TANKS TOBACCO TRANSLATION_AND_LOCALIZATION TRANSPORTATION_TRUCKING_RAILROAD
UTILITIES VENTURE_CAPITAL_PRIVATE_EQUITY VETERINARY WAREHOUSING WHOLESALE WINE_AND_SPIRITS WIRELESS WRITING_AND_EDITING
""".split()  # noqa: SIM905  # 150 quoted words would hide the list

LIFECYCLE_STAGES = {
    "subscriber": "Subscriber",
    "lead": "Lead",
    "marketingqualifiedlead": "Marketing Qualified Lead",
    "salesqualifiedlead": "Sales Qualified Lead",
    "opportunity": "Opportunity",
    "customer": "Customer",
    "evangelist": "Evangelist",
    "other": "Other",
}
_LEAD_STATUS = {
    "NEW": "New",
    "OPEN": "Open",
    "IN_PROGRESS": "In Progress",
    "OPEN_DEAL": "Open Deal",
    "UNQUALIFIED": "Unqualified",
    "ATTEMPTED_TO_CONTACT": "Attempted to Contact",
    "CONNECTED": "Connected",
    "BAD_TIMING": "Bad Timing",
}
_SOURCES = {
    "ORGANIC_SEARCH": "Organic Search",
    "PAID_SEARCH": "Paid Search",
    "EMAIL_MARKETING": "Email Marketing",
    "SOCIAL_MEDIA": "Organic Social",
    "REFERRALS": "Referrals",
    "OTHER_CAMPAIGNS": "Other Campaigns",
    "DIRECT_TRAFFIC": "Direct Traffic",
    "OFFLINE": "Offline Sources",
    "PAID_SOCIAL": "Paid Social",
}
_COMPANY_TYPES = {
    "PROSPECT": "Prospect",
    "PARTNER": "Partner",
    "RESELLER": "Reseller",
    "VENDOR": "Vendor",
    "OTHER": "Other",
}
_TRUE_FALSE = {"true": "True", "false": "False"}


def _text(name: str, label: str, field_type: str = "text", **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "string", "fieldType": field_type, **more}


def _choice(name: str, label: str, options: dict[str, str], field_type: str = "select", **more: Any) -> dict[str, Any]:
    listed = [{"label": text, "value": value, "displayOrder": n} for n, (value, text) in enumerate(options.items())]
    return {"name": name, "label": label, "type": "enumeration", "fieldType": field_type, "options": listed, **more}


def _number(name: str, label: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "number", "fieldType": "number", **more}


def _time(name: str, label: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "datetime", "fieldType": "date", **more}


_READ_ONLY: dict[str, Any] = {"readOnlyValue": True}
_CALCULATED: dict[str, Any] = {"readOnlyValue": True, "calculated": True}
_OWNER = _choice("hubspot_owner_id", "Owner", {}, referencedObjectType="OWNER", externalOptions=True)

#: Definitions by object type, without what all properties of a portal share (store.define_property adds it).
DEFAULT_PROPERTIES: dict[str, list[dict[str, Any]]] = {
    "contacts": [
        _text("firstname", "First Name"),
        _text("lastname", "Last Name"),
        _text("email", "Email"),
        _text("hs_additional_emails", "Additional email addresses", "textarea", **_READ_ONLY),
        _text("phone", "Phone Number", "phonenumber"),
        _text("mobilephone", "Mobile Phone Number", "phonenumber"),
        _text("fax", "Fax Number"),
        _text("company", "Company Name"),
        _text("jobtitle", "Job Title"),
        _text("salutation", "Salutation"),
        _text("address", "Street Address"),
        _text("city", "City"),
        _text("state", "State/Region"),
        _text("zip", "Postal Code"),
        _text("country", "Country/Region"),
        _text("industry", "Industry"),
        _text("website", "Website URL"),
        _text("date_of_birth", "Date of birth"),
        _text("annualrevenue", "Annual Revenue"),
        _text("message", "Message", "textarea"),
        _choice("lifecyclestage", "Lifecycle Stage", LIFECYCLE_STAGES, "radio"),
        _choice("hs_lead_status", "Lead Status", _LEAD_STATUS, "radio"),
        _OWNER,
        _choice("hs_email_optout", "Unsubscribed from all email", _TRUE_FALSE, "booleancheckbox", **_READ_ONLY),
        _choice("hs_analytics_source", "Original Traffic Source", _SOURCES, **_READ_ONLY),
        _time("hs_email_last_open_date", "Last marketing email open date", **_READ_ONLY),
        _time("hs_analytics_last_timestamp", "Time Last Seen", **_READ_ONLY),
        _time("notes_last_updated", "Last Activity Date", **_READ_ONLY),
        _number("num_conversion_events", "Number of Form Submissions", **_READ_ONLY),
        _time("createdate", "Create Date", **_READ_ONLY),
        _time("lastmodifieddate", "Last Modified Date", **_READ_ONLY),
        _number("hs_object_id", "Record ID", **_READ_ONLY),
        _text("hs_merged_object_ids", "Merged record IDs", **_READ_ONLY),
        _text("hs_email_domain", "Email Domain", "calculation_equation", **_CALCULATED),
    ],
    "companies": [
        _text("name", "Company name"),
        _text("domain", "Company Domain Name"),
        _text("website", "Website URL"),
        _text("phone", "Phone Number", "phonenumber"),
        _text("address", "Street Address"),
        _text("address2", "Street Address 2"),
        _text("city", "City"),
        _text("state", "State/Region"),
        _text("zip", "Postal Code"),
        _text("country", "Country/Region"),
        _choice("industry", "Industry", {value: value.replace("_", " ").title() for value in _INDUSTRIES}),
        _choice("type", "Type", _COMPANY_TYPES),
        _number("numberofemployees", "Number of Employees"),
        _number("annualrevenue", "Annual Revenue", showCurrencySymbol=True),
        _text("description", "Description", "textarea"),
        _text("founded_year", "Year Founded"),
        _choice("lifecyclestage", "Lifecycle Stage", LIFECYCLE_STAGES, "radio"),
        _OWNER,
        _time("notes_last_updated", "Last Activity Date", **_READ_ONLY),
        _choice("hs_analytics_source", "Original Traffic Source", _SOURCES, **_READ_ONLY),
        _time("createdate", "Create Date", **_READ_ONLY),
        _time("hs_lastmodifieddate", "Last Modified Date", **_READ_ONLY),
        _number("hs_object_id", "Record ID", **_READ_ONLY),
        _text("hs_merged_object_ids", "Merged record IDs", **_READ_ONLY),
    ],
}

GROUPS = {"contacts": "contactinformation", "companies": "companyinformation"}
