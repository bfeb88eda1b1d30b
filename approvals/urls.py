"""Addresses of judgement: reviews, batches, notices, objections, certificates."""

from django.urls import path

from approvals.views import batches, certificates, ended, notices, objections, reviews, verify

urlpatterns = [
    path("batches/", batches.batches, name="batches"),
    path("batches/new/", batches.batch_new, name="batch_new"),
    path("batches/<uuid:uuid>/", batches.batch, name="batch"),
    path("batches/<uuid:uuid>/edit/", batches.batch_edit, name="batch_edit"),
    path("batches/<uuid:uuid>/progress/", batches.batch_progress, name="batch_progress"),
    path("recommend/<uuid:uuid>/", batches.recommend, name="recommend"),
    path("check/", reviews.check_queue, name="check_queue"),
    path("review/", reviews.reviews, name="reviews"),
    path("review/<uuid:uuid>/", reviews.review, name="review"),
    path("review/<uuid:uuid>/save/", reviews.review_save, name="review_save"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<uuid:uuid>/", notices.notice, name="notice"),
    path("notices/<uuid:uuid>/object/<uuid:item>/", notices.object_to, name="object"),
    path("ended/", ended.ended, name="ended"),
    path("objections/", objections.objections, name="objections"),
    path("objections/<uuid:uuid>/", objections.objection, name="objection"),
    path("certificates/", certificates.certificates, name="certificates"),
    path("certificates/<uuid:uuid>/", certificates.certificate, name="certificate"),
    path("certificates/<uuid:uuid>/pdf/", certificates.pdf, name="certificate_pdf"),
    path("documents/<int:pk>/", certificates.document, name="document"),
    path("v/", verify.verify, name="verify"),
    path("v/<str:code>/", verify.verify_code, name="verify_code"),
    path("v/<str:code>/pdf/", verify.verified_pdf, name="verified_pdf"),
]
