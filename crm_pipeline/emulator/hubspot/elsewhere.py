"""Parts of HubSpot that are real and not emulated: the app has no scope for them, and is told so.

A connector that reads everything skips what it may not read; a 400 or 404 would end its run. Source of paths and
scopes: HubSpot's API reference, one page each.
"""

from __future__ import annotations

#: Object types by plural, singular and older names -> scope that reads them.
_OBJECTS = {
    ("appointments", "appointment", "0-421"): "crm.objects.appointments.read",
    ("carts", "cart", "0-142"): "crm.objects.carts.read",
    ("communications", "communication", "0-18"): "crm.objects.communications.read",
    ("courses", "course", "0-410"): "crm.objects.courses.read",
    ("deal_splits", "deal_split", "0-72"): "crm.objects.deal_splits.read",
    ("discounts", "discount", "0-84"): "crm.objects.discounts.read",
    ("feedback_submissions", "feedback_submission", "0-19"): "crm.objects.feedback_submissions.read",
    ("fees", "fee", "0-85"): "crm.objects.fees.read",
    ("forms", "form", "0-28"): "forms",
    ("goal_targets", "goal_target", "goals", "0-74"): "crm.objects.goals.read",
    ("invoices", "invoice", "0-53"): "crm.objects.invoices.read",
    ("leads", "lead", "0-136"): "crm.objects.leads.read",
    ("line_items", "line_item", "0-8"): "crm.objects.line_items.read",
    ("listings", "listing", "0-420"): "crm.objects.listings.read",
    ("orders", "order", "0-123"): "crm.objects.orders.read",
    ("commerce_payments", "commerce_payment", "0-101"): "crm.objects.commercepayments.read",
    ("postal_mail", "0-116"): "crm.objects.postal_mail.read",
    ("products", "product", "0-7"): "crm.objects.products.read",
    ("quotes", "quote", "0-14"): "crm.objects.quotes.read",
    ("services", "service", "0-162"): "crm.objects.services.read",
    ("subscriptions", "subscription", "0-69"): "crm.objects.subscriptions.read",
    ("taxes", "tax", "0-86"): "crm.objects.taxes.read",
    ("users", "user", "0-115"): "crm.objects.users.read",
}
_SCOPE_OF_OBJECT = {name: scope for names, scope in _OBJECTS.items() for name in names}

#: Beginnings of paths -> scope.
_PATHS = {
    "/automation/": "automation",
    "/cms/": "content",
    "/communication-preferences/": "communication_preferences.read",
    "/contacts/v1/lists": "crm.lists.read",
    "/crm/v3/lists": "crm.lists.read",
    "/crm/lists/": "crm.lists.read",
    "/email/public/": "content",
    "/events/": "business-intelligence",
    "/files/": "files",
    "/form-integrations/": "forms",
    "/forms/": "forms",
    "/marketing-emails/": "content",
    "/marketing/v3/forms": "forms",
    "/marketing/": "content",
}


def scope_of_object(name: str) -> str | None:
    """The scope for an object type that is not emulated; None for a name that HubSpot does not have."""
    return _SCOPE_OF_OBJECT.get(name.lower())


def scope_of_path(path: str) -> str | None:
    """The scope for a product that is not emulated; None for a path that HubSpot does not have."""
    return next((scope for start, scope in _PATHS.items() if path.startswith(start)), None)
