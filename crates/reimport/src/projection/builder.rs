//! The builder of a projection: fields are collected, then compiled.

use std::collections::HashSet;

use super::error::ProjectionError;
use super::field::Field;
use super::projector::Projection;
use crate::error::Result;

/// Collects the fields of a [`Projection`].
#[derive(Debug, Default, Clone)]
pub struct ProjectionBuilder {
    fields: Vec<Field>,
}

impl ProjectionBuilder {
    /// Adds the field at `path`, named as the path is typed.
    ///
    /// # Errors
    /// Where it is no path.
    pub fn field(self, path: &str) -> Result<Self> {
        self.field_as(path, path)
    }

    /// Adds the field at `path`, named `name` in the output.
    ///
    /// # Errors
    /// Where it is no path.
    pub fn field_as(mut self, path: &str, name: &str) -> Result<Self> {
        self.fields.push(Field::parse(path, name)?);
        Ok(self)
    }

    /// Adds fields that were read already.
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Compiles the fields.
    ///
    /// # Errors
    /// Where there are none, or two have one output name, or one has an empty one.
    pub fn build(self) -> Result<Projection> {
        if self.fields.is_empty() {
            return Err(ProjectionError::NoFields.into());
        }
        let mut names = HashSet::new();
        for field in &self.fields {
            if field.name().is_empty() {
                return Err(ProjectionError::EmptyName { path: field.path().to_string().into() }.into());
            }
            if !names.insert(field.name()) {
                return Err(ProjectionError::RepeatedName { name: field.name().into() }.into());
            }
        }
        drop(names);
        Ok(Projection::compile(self.fields))
    }
}
