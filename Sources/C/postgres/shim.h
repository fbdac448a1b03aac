#pragma once

#include <libpq-fe.h>
#include <sys/eventfd.h>

// Character constants, which Swift does not import.
static const int rekey_diagnosis_sqlstate = PG_DIAG_SQLSTATE;
static const int rekey_diagnosis_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int rekey_diagnosis_constraint = PG_DIAG_CONSTRAINT_NAME;
